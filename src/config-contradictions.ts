import { type Settings, settings } from './config-table.ts';

/** Settings that are each in range and cannot hold together. */
export function contradictions(config: Settings): string[] {
  const faults: string[] = [];
  const refuse = (wrong: boolean, sentence: string): void => {
    if (wrong) faults.push(sentence);
  };
  refuse(
    config.PAYMENT_LEASE_SECONDS < config.BANK_CALL_TIMEOUT_SECONDS * 1.25,
    `PAYMENT_LEASE_SECONDS (${config.PAYMENT_LEASE_SECONDS}) must be at least 1.25 × BANK_CALL_TIMEOUT_SECONDS (${config.BANK_CALL_TIMEOUT_SECONDS}): a lease that ends during the call lets a second worker in.`,
  );
  refuse(
    config.BANK_SIMULATOR_MIN_DELAY > config.BANK_SIMULATOR_MAX_DELAY,
    `BANK_SIMULATOR_MIN_DELAY (${config.BANK_SIMULATOR_MIN_DELAY}) is above BANK_SIMULATOR_MAX_DELAY (${config.BANK_SIMULATOR_MAX_DELAY}).`,
  );
  refuse(
    config.PORT === config.BANK_SIMULATOR_PORT && config.BANK_URL === '',
    `PORT and BANK_SIMULATOR_PORT are both ${config.PORT}.`,
  );
  refuse(
    config.METRICS_PORT !== 0 && config.METRICS_PORT === config.PORT,
    `PORT and METRICS_PORT are both ${config.PORT}.`,
  );
  refuse(
    config.DATABASE === 'external' && config.DATABASE_URL === '',
    'DATABASE=external needs DATABASE_URL.',
  );
  refuse(
    config.DATABASE === 'embedded' && config.DATABASE_URL !== '',
    'DATABASE_URL is set and DATABASE is embedded: set DATABASE=external or remove the URL.',
  );
  refuse(config.QUEUE === 'rabbitmq' && config.AMQP_URL === '', 'QUEUE=rabbitmq needs AMQP_URL.');
  refuse(
    config.QUEUE === 'embedded' && config.AMQP_URL !== '',
    'AMQP_URL is set and QUEUE is embedded: set QUEUE=rabbitmq or remove the URL.',
  );
  refuse(
    config.AMQP_URL !== '' &&
      !config.AMQP_URL.split(',').every((url) => /^amqps?:\/\/./.test(url.trim())),
    'AMQP_URL is not a list of amqp:// or amqps:// URLs.',
  );
  refuse(
    config.COORDINATION === 'redis' && config.REDIS_URL === '',
    'COORDINATION=redis needs REDIS_URL.',
  );
  refuse(
    config.COORDINATION === 'memory' && config.REDIS_URL !== '',
    'REDIS_URL is set and COORDINATION is memory: set COORDINATION=redis or remove the URL.',
  );
  refuse(
    !/^[\w.:-]+$/.test(config.REDIS_PREFIX),
    'REDIS_PREFIX may hold letters, digits and . : _ - only.',
  );
  refuse(
    config.BANK_URL !== '' && !URL.canParse(config.BANK_URL),
    `BANK_URL (${config.BANK_URL}) is not a URL.`,
  );
  const isLocal = /^(localhost|127\.|::1$)/.test(config.HOST);
  refuse(
    !isLocal && config.JWT_SECRET_KEY === settings.JWT_SECRET_KEY.fallback,
    `HOST (${config.HOST}) opens the API to others while JWT_SECRET_KEY is the default that everybody knows: set one of your own.`,
  );
  if (config.ENVIRONMENT === 'production') faults.push(...productionRefusals(config));
  return faults;
}

function productionRefusals(config: Settings): string[] {
  const faults: string[] = [];
  const secrets = ['JWT_SECRET_KEY', 'BANK_WEBHOOK_SECRET', 'WEBHOOK_ENCRYPTION_KEY'] as const;
  for (const name of secrets) {
    if (config[name] === settings[name].fallback)
      faults.push(`ENVIRONMENT=production refuses the default ${name}: set one of your own.`);
  }
  if (config.PASSWORD_BCRYPT_COST < 12)
    faults.push('ENVIRONMENT=production refuses a PASSWORD_BCRYPT_COST below 12.');
  if (config.KILL_POINT !== '') faults.push('ENVIRONMENT=production refuses KILL_POINT.');
  if (config.WEBHOOK_ALLOW_LOOPBACK)
    faults.push(
      'ENVIRONMENT=production refuses WEBHOOK_ALLOW_LOOPBACK: users could reach what listens here.',
    );
  if (!config.RATE_LIMIT_ENABLED)
    faults.push(
      'ENVIRONMENT=production refuses RATE_LIMIT_ENABLED=false: passwords could be guessed.',
    );
  if (config.BANK_URL === '')
    faults.push('ENVIRONMENT=production needs BANK_URL: the simulated bank moves no money.');
  return faults;
}
