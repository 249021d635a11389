/** Before every stamp. */
const ALL = -1;

/**
 * Whether somebody else may have been signed in between a change signal and the answer that settles it. A write of this
 * library can land over what was signalled, so that the answer alone does not tell.
 *
 * @param drop - Drops what was emitted under a later stamp than this one.
 */
export function createDoubt(drop: (after: number) => void) {
  let heard = 0;
  let others = 0;
  /** The newest signal after which a look has found the same user. */
  let answered = 0;
  /** The looks without an answer: how many signals were heard when each began, and whether one was not settled then. */
  const open = new Set<{ readonly at: number; readonly isDue: boolean }>();
  /** Another user was found, or nobody: nothing that is queued leaves, until it is settled. */
  let isOther = false;

  /** Up to which signal every look has found the same user. */
  const certain = (): number => {
    let last = answered;
    for (const { at, isDue } of open) if (isDue) last = Math.min(last, at - 1);
    return last;
  };

  const settle = (): void => {
    if (isOther) drop(ALL);
    isOther = false;
    open.clear();
    answered = heard;
  };

  return {
    /** How many change signals were heard. What is emitted now is stamped with it. */
    get heard() {
      return heard;
    },
    /** How often another user was found. */
    get others() {
      return others;
    },
    /** Another user was found, or nobody, and that is not settled. */
    get isOther() {
      return isOther;
    },
    signal(): void {
      heard += 1;
    },
    /** A look begins. The answer takes what it has found: the same user, or not. One that fails is never called. */
    look(): (isSame: boolean) => void {
      const begun = { at: heard, isDue: certain() < heard };
      open.add(begun);
      return (isSame) => {
        // What it tells of was settled meanwhile.
        if (!open.delete(begun)) return;
        if (isSame) {
          answered = Math.max(answered, begun.at);
          return;
        }
        others += 1;
        isOther = true;
      };
    },
    /** The newest look is applied. */
    settle,
    /** A write has ended, however: a look that is still under way comes too late to tell what was there before it. */
    endWrite(): void {
      if (certain() < heard) drop(certain());
      settle();
    },
  };
}
