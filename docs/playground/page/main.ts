import { showMessages } from "./messages-view.js";
import { openConnection } from "./playground-connection.js";
import { bindByHand, bindSession, bindTrouble } from "./session-view.js";
import { bindSettings } from "./settings.js";
import { createStateView } from "./state-view.js";
import { showStatus } from "./status-view.js";
import { showToken } from "./token-view.js";
import { createTransitions } from "./transitions.js";

const REDRAW = 200;

// The views of the chart come first: the machine's first events arrive while the connection is made.
const connection = openConnection(createTransitions(createStateView()));

const redraws = [showStatus(connection), showToken(connection)];
showMessages(connection);
bindSession(connection);
bindTrouble(connection);
bindSettings();
bindByHand();

const redraw = () => {
  for (const draw of redraws) draw();
};
redraw();
setInterval(redraw, REDRAW);
