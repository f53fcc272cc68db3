/** The pages in front of the door, fetched as one: who comes in by the one often needs the other. */
import "./join.js";
import "./welcome.js";
