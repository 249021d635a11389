import { openRoute } from "./api.js";
import { showHints } from "./hints.js";
import { openInspector } from "./inspector.js";
import { showMessages } from "./messages-view.js";
import { bindNetwork } from "./network-view.js";
import { openConnection } from "./playground-connection.js";
import { bindByHand, bindSession, bindTrouble } from "./session-view.js";
import { bindSettings } from "./settings.js";
import { createStateView } from "./state-view.js";
import { showStatus } from "./status-view.js";
import { announceSteps } from "./steps.js";
import { createStrip } from "./strip-view.js";
import { showToken } from "./token-view.js";
import { createTransitions } from "./transitions.js";

const REDRAW = 200;

const [route, tellInspector] = await Promise.all([openRoute(), openInspector()]);

// The views of the chart come first: the machine's first events arrive while the connection is made.
const strip = createStrip();
const showState = createStateView();
const announce = announceSteps(route.client ?? "");
const listTransition = createTransitions((step) => {
  showState(step.to);
  strip.onState(step.to);
  announce(step);
});
const connection = openConnection((event) => {
  listTransition(event);
  tellInspector?.(event);
});

const redraws = [showStatus(connection), showToken(connection)];
strip.follow(connection);
showMessages(connection);
bindSession(connection);
bindTrouble(connection);
bindSettings();
bindByHand();
bindNetwork(route);
showHints();

const redraw = () => {
  for (const draw of redraws) draw();
};
redraw();
setInterval(redraw, REDRAW);
