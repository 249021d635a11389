/** The namespace of the server half; the application's namespaces, and their listeners, never see it. */
export const CONTROL_NAMESPACE = "/rotor";

/** How the names begin that no server has: asked for one of them, every server answers. */
export const BARRIER_PREFIX = "/rotor-barrier-";

/** Whether a name is one of the library's own, which the application cannot have. */
export function isOwnNamespace(name: string): boolean {
  return name === CONTROL_NAMESPACE || name.startsWith(BARRIER_PREFIX);
}
