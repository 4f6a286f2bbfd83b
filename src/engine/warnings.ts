/** Hears what the engine has to say; each text comes once. */
export type WarningListener = (text: string) => void;

const told = new Set<string>();
const listeners = new Set<WarningListener>();

/** Sends warnings of the engine to a listener until the function that is returned is called. */
export function onEngineWarning(listener: WarningListener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** Says something once a subject; as a warning of the process where nobody listens. */
export function engineWarning(subject: string, text: string): void {
  if (told.has(subject)) return;
  told.add(subject);
  if (listeners.size === 0) process.emitWarning(text, "EngineWarning");
  for (const listener of listeners) listener(text);
}
