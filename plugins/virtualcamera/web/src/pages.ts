/** The page on which a teacher shows a microscope to video calls. */
import "./camera-page.js";
