export interface ProcessLook {
  /** Whether a process with this id runs, of any user. A zombie does not run. */
  readonly running: boolean;
  /**
   * The start time, as an opaque string that a later process with this id does not have. Undefined when it is unknown.
   */
  readonly began?: string;
}

export function lookAtProcess(pid: number): ProcessLook;
/**
 * Whether the process with this id and this start time still runs. If either start time is unknown, the id alone
 * decides.
 */
export function isStillRunning(pid: number, began: string | undefined): boolean;
/** Whether a process of this process group runs. Zombies do not count. */
export function isGroupRunning(pgid: number): boolean;
