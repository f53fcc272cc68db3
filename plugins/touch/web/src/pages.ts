/** What everybody opens first. */
import "./home/touch-page.js";
