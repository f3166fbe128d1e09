/**
 * Named points at which a crash test kills this process, enabled only by the KILL_POINT setting
 * (`name:n`, the n-th hit). SIGKILL: nothing is flushed, closed or said.
 */
export type KillPoints = (name: KillPoint) => void;

export type KillPoint =
  | 'accept.before_commit'
  | 'accept.after_commit'
  | 'dispatch.before_publish'
  | 'dispatch.after_publish'
  | 'execute.after_claim'
  | 'execute.after_bank'
  | 'settle.before_commit'
  | 'settle.after_commit'
  | 'deliver.after_claim'
  | 'deliver.after_post'
  | 'deliver.after_record';

export function openKillPoints(setting: string): KillPoints {
  if (setting === '') return () => {};
  const [armed, count = '1'] = setting.split(':');
  let hitsLeft = Number(count);
  return (name) => {
    if (name !== armed) return;
    hitsLeft -= 1;
    if (hitsLeft === 0) process.kill(process.pid, 'SIGKILL');
  };
}
