import { type FormEvent, useState } from "react";
import { useConnectionSnapshot, useSocketEvent } from "socket-rotor/react";
import { connection, say, signIn, signOut } from "../chat.js";

export function App() {
  const status = useConnectionSnapshot(connection, (snapshot) => snapshot.status);
  const [lines, setLines] = useState<string[]>([]);
  const [text, setText] = useState("");
  const [problem, setProblem] = useState("");
  useSocketEvent(connection.socket, "message", (line) => setLines((before) => [...before, line]));

  const attempt = (work: Promise<void>) => {
    setProblem("");
    work.catch((error: unknown) => setProblem(String(error)));
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    attempt(say(text));
    setText("");
  };

  return (
    <>
      <p role="status">{status}</p>
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
        <input aria-label="Message" value={text} onChange={(event) => setText(event.target.value)} required />
        <button type="submit">Send</button>
      </form>
      <p role="alert">{problem}</p>
      <ul>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
          <li key={index}>{line}</li>
        ))}
      </ul>
    </>
  );
}
