/** @jsxImportSource solid-js */

import { useConnectionSnapshot, useSocketEvent } from "socket-rotor/solid";
import { createSignal, For } from "solid-js";
import { connection, say, signIn, signOut } from "../chat.js";

export function App() {
  const status = useConnectionSnapshot(connection, (snapshot) => snapshot.status);
  const [lines, setLines] = createSignal<string[]>([]);
  const [text, setText] = createSignal("");
  const [problem, setProblem] = createSignal("");
  useSocketEvent(connection.socket, "message", (line) => setLines((before) => [...before, line]));

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
      <p role="status">{status()}</p>
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
