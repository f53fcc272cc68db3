import "./check-card.js";
