/** The page of the quiz. */
import "./play/quiz-page.js";
