import type { AnyActorRef } from "xstate";

/**
 * Stops an actor in such a way that it can be started again, as `@xstate/react` does it under StrictMode, and when an
 * Activity is hidden. Answers with the function that starts it.
 */
export function stopForNow(actor: AnyActorRef): () => void {
  const kept = treeOf(actor).map((each) => ({ each, snapshot: each.getSnapshot() }));
  for (const { each } of kept) Reflect.set(each, "observers", new Set());
  const scheduled: unknown = actor.system.getSnapshot();
  actor.stop();
  Reflect.set(actor.system, "_snapshot", scheduled);
  for (const { each, snapshot } of kept) {
    Reflect.set(each, "_processingStatus", 0);
    Reflect.set(each, "_snapshot", snapshot);
  }
  return () => actor.start();
}

function treeOf(actor: AnyActorRef): AnyActorRef[] {
  const children: Record<string, AnyActorRef> = Object(actor.getSnapshot().children);
  return [actor, ...Object.values(children).flatMap(treeOf)];
}
