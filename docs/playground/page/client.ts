import { openRoute } from "./api.js";
import { credentials } from "./credentials.js";
import { showHints } from "./hints.js";
import { openInspector } from "./inspector.js";
import { showMessages } from "./messages-view.js";
import { bindNetwork } from "./network-view.js";
import { attempt } from "./notice.js";
import { openConnection } from "./playground-connection.js";
import { bindSession, bindTrouble } from "./session-view.js";
import { bindSettings } from "./settings.js";
import { showState, showStatus } from "./status-view.js";
import { announceSteps } from "./steps.js";
import { createStrip } from "./strip-view.js";
import { showToken } from "./token-view.js";
import { createTransitions } from "./transitions.js";

const REDRAW = 200;

const [route, tellInspector] = await Promise.all([openRoute(), openInspector()]);

// The views of the chart come first: the machine's first events arrive while the connection is made.
const strip = createStrip();
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
bindNetwork(route);
showHints();

const redraw = () => {
  for (const draw of redraws) draw();
};
redraw();
setInterval(redraw, REDRAW);
if (new URLSearchParams(location.search).has("welcome"))
  void attempt(() => credentials.signIn(connection, "Ada"), "Sign in as Ada");
