import { describe, expect, it } from "vitest";
import { allowed, Refused } from "../src/loopback";

describe("what is this machine", () => {
  it.each([
    "http://127.0.0.1:8080",
    "http://localhost",
    "http://[::1]:8080",
    "https://a.localhost:1",
  ])("%s is", (address) => {
    expect(allowed(address, []).href).toContain("://");
  });

  it.each([
    "http://example.com",
    "http://127.0.0.1.example.com",
    "http://localhost.example.com:8080",
    "http://192.168.1.7:8080",
    "http://user@evil.example/127.0.0.1",
    "http://127.0.0.1@evil.example",
    "file:///etc/passwd",
    "not an address",
  ])("%s is not", (address) => {
    expect(() => allowed(address, [])).toThrow(Refused);
  });

  it("another host is spoken to where the user has named it", () => {
    expect(allowed("http://gpu-box:8080", ["gpu-box"]).hostname).toBe("gpu-box");
    expect(allowed("http://gpu-box:8080", ["gpu-box:8080"]).port).toBe("8080");
    expect(() => allowed("http://gpu-box:8080", ["gpu-box:9090"])).toThrow("not this machine");
    expect(() => allowed("http://other", ["gpu-box"])).toThrow("nothing was sent");
  });
});
