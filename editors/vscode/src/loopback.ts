/** Whether an address is this machine; what is not is refused unless the user has named it. */

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

export class Refused extends Error {}

/** The address as a URL. Throws Refused for one that is none, or that is not allowed. */
export function allowed(address: string, hosts: readonly string[]): URL {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new Refused(`${address} is no address; write it as http://127.0.0.1:8080`);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new Refused(`${url.protocol} is not spoken here; use http: or https:`);
  }
  const named = hosts.some((host) => [url.host, url.hostname].includes(host.toLowerCase()));
  if (!LOOPBACK.test(url.hostname) && !named) {
    throw new Refused(
      `${url.hostname} is not this machine, and nothing was sent; name it in lemmata.allowHosts to allow it`,
    );
  }
  return url;
}
