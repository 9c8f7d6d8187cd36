export interface ProcessLook {
  /** Whether a process with this id runs, be it somebody else's. A zombie does not run. */
  readonly running: boolean;
  /**
   * When it began, as an opaque string that the next process with this id does not share; undefined when that cannot be
   * known.
   */
  readonly began?: string;
}

export function lookAtProcess(pid: number): ProcessLook;
/**
 * Whether the process that had this id and this beginning still runs. Where either beginning is not known, the id alone
 * decides.
 */
export function isStillRunning(pid: number, began: string | undefined): boolean;
/** Whether a process of this process group runs; zombies do not. */
export function isGroupRunning(pgid: number): boolean;
