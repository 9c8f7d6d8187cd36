/** The operation is valid, but no right plan can be made for it. The message says what to change. */
export class PlanningError extends Error {}
