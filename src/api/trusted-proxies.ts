import { isIP } from 'node:net';
import { ConfigRefused } from '../config.ts';

/**
 * Whose X-Forwarded-For counts. Nobody's by default: whoever may write it may pick the address that
 * the login limit counts.
 * @throws ConfigRefused
 */
export function trustedProxies(setting: string): string[] | false {
  const proxies = setting.split(',').map((proxy) => proxy.trim());
  const named = proxies.filter((proxy) => proxy !== '');
  const wrong = named.find((proxy) => !isNetwork(proxy));
  if (wrong !== undefined)
    throw new ConfigRefused(
      `TRUSTED_PROXIES (${setting}) must list addresses or networks such as 10.0.0.0/8: ` +
        `"${wrong}" is neither.`,
    );
  return named.length === 0 ? false : named;
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
  );
}
