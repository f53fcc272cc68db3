/** For those who slice with a program of their own. */
import "./slicers/slicers-page.js";
