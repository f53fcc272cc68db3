/** What pupils and everybody see: handing in, one job, the queue. */
import "./hand-in/print-page.js";
import "./job/job-page.js";
import "./queue/queue-page.js";
