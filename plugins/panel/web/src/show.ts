/** Pages where teachers pick what the class's screen shows. */
import "./show/show-page.js";
import "./model/model-page.js";
