/** @jsxImportSource solid-js */
import type { ConnectionSnapshot } from "socket-rotor";
import { createSignal, For, from, onCleanup } from "solid-js";
import { connection, onMessage, say, signIn, signOut } from "../chat.js";

/** What is known of the connection, as a signal. */
function useConnection(): () => ConnectionSnapshot {
  return from<ConnectionSnapshot>((set) => {
    return connection.subscribe(() => set(() => connection.getSnapshot()));
  }, connection.getSnapshot());
}

export function App() {
  const snapshot = useConnection();
  const [lines, setLines] = createSignal<string[]>([]);
  const [text, setText] = createSignal("");
  const [problem, setProblem] = createSignal("");
  onCleanup(onMessage((line) => setLines((before) => [...before, line])));

  const attempt = (work: Promise<void>) => {
    setProblem("");
    work.catch((error: unknown) => setProblem(String(error)));
  };
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    attempt(say(text()));
    setText("");
  };

  return (
    <>
      <p role="status">{snapshot().status}</p>
      <button type="button" onClick={() => attempt(signIn("Alice"))}>
        Sign in as Alice
      </button>
      <button type="button" onClick={() => attempt(signIn("Bob"))}>
        Sign in as Bob
      </button>
      <button type="button" onClick={() => attempt(signOut())}>
        Sign out
      </button>
      <form onSubmit={send}>
        <input
          aria-label="Message"
          value={text()}
          onInput={(event) => setText(event.target.value)}
          required
        />
        <button type="submit">Send</button>
      </form>
      <p role="alert">{problem()}</p>
      <ul>
        <For each={lines()}>{(line) => <li>{line}</li>}</For>
      </ul>
    </>
  );
}
