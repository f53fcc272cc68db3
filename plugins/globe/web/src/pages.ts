/** The pages of the globe. */
import "./globe/globe-page.js";
