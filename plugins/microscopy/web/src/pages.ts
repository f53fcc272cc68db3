import "./microscope-page.js";
