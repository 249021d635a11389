/** What a page that uses a binding of XState offers to the tests, as `window.page`. */
export interface BindingPage {
  /** Shows the component of this name; `undefined` takes away what is shown. */
  show(name: string | undefined): void;
}

/** What the page of `@xstate/react` offers besides. */
export interface ReactPage extends BindingPage {
  /** Hides what is shown in an Activity, or shows it again. */
  hide(isHidden: boolean): void;
  /** Lets the component that toggles use the other one of the logic and its copy. */
  toggle(): void;
  /** Brings a component's actor into a leaf of the chart, hides and shows it, and answers with what has become of it. */
  restartIn(path: string): Promise<Restarted>;
}

interface Restarted {
  /** In which leaf it was stopped. */
  reached: string;
  /** How many links, and listeners, were left while it was hidden. */
  hidden: readonly number[];
  status: string;
  /** How many links were open at once after that, at most. */
  most: number;
  /** How often a message has arrived that was emitted after that. */
  arrived: number;
}

declare global {
  interface Window {
    page: BindingPage & ReactPage;
  }
}
