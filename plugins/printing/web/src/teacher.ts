/** What only teachers see. */
import "./inbox/inbox-page.js";
import "./account/account-page.js";
