import { describe, expect, it } from '@jest/globals';
import { renderUserData } from '../../../src/build/ec2/user-data.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI buildimg-r-1';

describe('renderUserData', () => {
  it('is one script where there is nothing but the timer', () => {
    expect(renderUserData({ expiryHours: 2 })).toBe(
      '#!/bin/sh\nsystemd-run --quiet --unit=buildimg-expiry --on-active=7200 systemctl poweroff\n',
    );
  });

  it("keeps the plan's own user data as a part of its own", () => {
    const text = renderUserData({
      expiryHours: 1,
      userData: '#cloud-config\nrepo_upgrade: none\n',
      authorizedKey: KEY,
    });

    const parts = text.split('--BUILDIMG_PART').slice(1);
    expect(text).toMatch(/^Content-Type: multipart\/mixed; boundary="BUILDIMG_PART"\n/);
    expect(parts).toEqual([
      expect.stringMatching(/^\nContent-Type: text\/cloud-config[^]*\n\n#cloud-config\nrepo_upgrade: none\n/),
      expect.stringContaining(`#cloud-config\n{"ssh_authorized_keys":["${KEY}"]}`),
      expect.stringMatching(
        /text\/x-shellscript[^]*\n\n#!\/bin\/sh\nsystemd-run[^]*BEGIN SSH HOST KEY KEYS[^]*>\/dev\/console/,
      ),
      '--\n',
    ]);
  });
});
