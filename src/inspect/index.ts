export { explain, explainTo, type Transition } from "./explain.js";
export { type RedactedEvent, redact, type StatelyInspectionEvent } from "./redact.js";
