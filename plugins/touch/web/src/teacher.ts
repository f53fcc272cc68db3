/** What only teachers open. */
import "./quiz/quiz-page.js";
