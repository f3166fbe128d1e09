export const usage = `tollgate <command>

  up                     start everything in the background, wait until it is healthy
  down                   stop everything
  status [--json]        what runs where; exit code 3 when a part is down
  logs [--lines N] [--no-follow]
                         what every process writes, until Ctrl-C
  gateway                run API and worker in one process, in the foreground
  api, worker            run one of them, any number of each (DATABASE=external, QUEUE=rabbitmq)
  demo                   a deposit and a withdrawal, told in the terminal
  migrate [up|status]    bring the database to the newest schema, or say what is missing
  seed                   create the demo accounts that are missing
  shell [-c SQL]         a SQL prompt on the database, as the application's role
  reconcile FILE [--format csv|camt053] [--date YYYY-MM-DD] [--json]
                         hold a bank's statement against the books
  audit [--json]         prove that every balance equals its postings; exit code 1 on a fault
  audit-log list|verify [--json]
                         who did what; prove that the log is as it was written (exit code 1)
  failed-tasks list|show|requeue|close|resolve [--json]
                         what the gateway could not finish: docs/failed-tasks.md
  users create|role      make somebody an operator or an administrator
  help                   this text

Settings come from the environment and from .env in the working directory: see .env.example.
`;

export async function run(): Promise<number> {
  process.stdout.write(usage);
  return 0;
}
