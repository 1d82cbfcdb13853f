/** Whole screens, as they are read; and what holds of every screen. */
import { describe, expect, it } from "vitest";
import { screenOf } from "../../../worker/text/screen.ts";
import { SCENES } from "./scenes.ts";

function screen(scene: keyof typeof SCENES): string {
  return `\n${screenOf(SCENES[scene]).join("\n")}\n`;
}

describe("the screen", () => {
  it("says of a well fleet that it is well, why, and what comes next", () => {
    expect(screen("healthy")).toBe(`
media (ap-northeast-2)                            Mon 23 Nov 03:04:05 Asia/Seoul
WELL: 10 of 10 spares.
Target    10 spares, by tag: spares on key-0abc1234
Next      20 spares at 09:00 (launches from 08:57), by schedule: weekday morning
Spares    [====================]  10 of 10 wanted; 4 sessions
Servers   [..........####] 14:  . 10 idle  # 4 busy
Month     $121 spent, $480 of $3,000 committed; 28 of 200 vCPUs

Now       nothing to do: spares 10, target 10, launching 0 (decided 3 seconds
          ago, in 83 ms)

Events    03:03:25 media-ab12-14 is ready
          03:02:30 media-ab12-14 was created in ap-northeast-2c
          03:02:25 launch 1: spares 9 < target 10, launching 0
          Sun 01:04 paused launch: deploy (olga)
`);
  });

  it("shows of a fleet that grows what each server waits for, the failing one first", () => {
    expect(screen("growing")).toBe(`
media (ap-northeast-2)                            Mon 23 Nov 03:04:05 Asia/Seoul
GROWING: 7 of 10 spares. 3 servers are on their way.
Target    10 spares, by tag: spares on key-0abc1234
Next      20 spares at 09:00 (launches from 08:57), by schedule: weekday morning
Spares    [==============      ]  7 of 10 wanted; 7 sessions
Servers   [.......#######+++] 17:  . 7 idle  # 7 busy  + 3 launching
Month     $121 spent, $480 of $3,000 committed; 28 of 200 vCPUs

Now       launch 2: spares 7 < target 10, launching 1 (decided 3 seconds ago, in
          83 ms)
          media-ab12-16 waits for its ports, tried 2x, next 03:04:10: throttled
          by AWS: ThrottlingException
          media-ab12-15 waits for its readings
          media-ab12-17 waits for its creation

Events    03:04:02 launch 2: spares 7 < target 10, launching 1
          03:03:32 media-ab12-15 was created in ap-northeast-2c
          03:03:25 media-ab12-14 is ready
          03:02:30 media-ab12-14 was created in ap-northeast-2c
          03:02:25 launch 1: spares 9 < target 10, launching 0
          Sun 01:04 paused launch: deploy (olga)
`);
  });

  it("says at 3 a.m. that sessions cannot start, what holds the fleet back, and what to do", () => {
    expect(screen("blocked")).toBe(`
media (ap-northeast-2)                            Mon 23 Nov 03:04:05 Asia/Seoul
NO SPARES: 0 of 10 spares. AWS gives this account no more servers: its quota is
used up (28 of 28 vCPUs). Lightfleet tries again by itself, and launches what is
missing as soon as it may.
Target    10 spares, by tag: spares on key-0abc1234
Next      20 spares at 09:00 (launches from 08:57), by schedule: weekday morning
Spares    [                    ]  0 of 10 wanted; 14 sessions
Servers   [##############] 14:  # 14 busy
Month     $2,412 spent, $2,812 of $3,000 committed; 28 of 200 vCPUs

! quota 28 of 28, since 02:45 (19 minutes), tried again 03:08
  AWS's quota of vCPUs for this account is used up. Ask for more in the Service
  Quotas console, under Amazon Lightsail, or delete servers that are not needed.

Now       held back: spares 0, target 10, launching 0 (decided 3 seconds ago, in
          83 ms)

Events    03:03:25 media-ab12-14 is ready
          02:45:05 quota holds the fleet back: AWS's quota of vCPUs for this...
          02:44:05 create of media-ab12-15, media-ab12-16: InvalidInputExcept...
`);
  });

  it("says that nobody knows which servers are free", () => {
    expect(screen("blind")).toBe(`
media (ap-northeast-2)                            Mon 23 Nov 03:04:05 Asia/Seoul
BLIND: 1 of 10 spares. Nobody knows which servers are free: 9 servers are silent
at once. Sessions on them may go on unseen. Lightfleet retires nothing and
launches no replacement for them until they answer.
Target    10 spares, by tag: spares on key-0abc1234
Next      20 spares at 09:00 (launches from 08:57), by schedule: weekday morning
Spares    [==                  ]  1 of 10 wanted; 4 sessions
Servers   [.####?????????] 14:  . 1 idle  # 4 busy  ? 9 unknown
Month     $121 spent, $480 of $3,000 committed; 28 of 200 vCPUs

! blindEyes 9, since 03:02 (2 minutes)
  many servers are silent at once: check the health port and its way through the
  firewall

Now       waiting: spares 1, target 10, launching 0 (decided 3 seconds ago, in
          83 ms)

Events    03:03:25 media-ab12-14 is ready
          03:02:30 media-ab12-14 was created in ap-northeast-2c
          03:02:25 launch 1: spares 9 < target 10, launching 0
          Sun 01:04 paused launch: deploy (olga)
`);
  });

  it("says that nobody runs the fleet, and that the rest is old", () => {
    expect(screen("stale")).toBe(`
media (ap-northeast-2)                            Mon 23 Nov 03:04:05 Asia/Seoul
STALE: Nobody runs the fleet: its last good tick was 12 minutes ago. Nothing is
launched or deleted, and what is below is old.
Target    10 spares, by tag: spares on key-0abc1234
Next      20 spares at 09:00 (launches from 08:57), by schedule: weekday morning
Spares    [====================]  10 of 10 wanted; 4 sessions
Servers   [..........####] 14:  . 10 idle  # 4 busy
Month     $121 spent, $480 of $3,000 committed; 28 of 200 vCPUs

! the last tick failed
  Error: Network connection lost.

Now       nothing to do: spares 10, target 10, launching 0 (decided 12 minutes
          ago, in 12040 ms)

Events    03:03:25 media-ab12-14 is ready
          03:02:30 media-ab12-14 was created in ap-northeast-2c
          03:02:25 launch 1: spares 9 < target 10, launching 0
          Sun 01:04 paused launch: deploy (olga)
`);
  });

  it("says who paused it, why, and until when", () => {
    expect(screen("paused")).toBe(`
media (ap-northeast-2)                            Mon 23 Nov 03:04:05 Asia/Seoul
PAUSED: 10 of 10 spares. Launching is paused by olga: deploy of the dispatcher.
It goes on by itself in 6 hours.
Target    10 spares, by tag: spares on key-0abc1234
Next      20 spares at 09:00 (launches from 08:57), by schedule: weekday morning
Spares    [====================]  10 of 10 wanted; 4 sessions
Servers   [..........####] 14:  . 10 idle  # 4 busy
Month     $121 spent, $480 of $3,000 committed; 28 of 200 vCPUs

! paused launch, retire, by olga since 02:10 (54 minutes), until 09:04
  deploy of the dispatcher; to end it: POST /v1/fleets/media/resume

Now       nothing to do: spares 10, target 10, launching 0 (decided 3 seconds
          ago, in 83 ms)

Events    03:03:25 media-ab12-14 is ready
          03:02:30 media-ab12-14 was created in ap-northeast-2c
          03:02:25 launch 1: spares 9 < target 10, launching 0
          Sun 01:04 paused launch: deploy (olga)
`);
  });

  it("says of a new fleet that it has not ticked yet", () => {
    expect(screen("empty")).toBe(`
media (ap-northeast-2)                            Mon 23 Nov 03:04:05 Asia/Seoul
WAKING: The fleet has just woken, and has not ticked yet. The first tick comes
within seconds.
Target    2 spares, by default
Spares    [                    ]  0 of 2 wanted; 0 sessions
Servers   none
Month     AWS's prices are not known yet; 0 vCPUs

Now       no tick is known yet

Events    03:04:04 media was created (olga)
`);
  });

  it("shows a thousand servers on the same screen", () => {
    expect(screen("thousand")).toBe(`
media (ap-northeast-2)                            Mon 23 Nov 03:04:05 Asia/Seoul
GROWING: 180 of 200 spares. 20 servers are on their way.
Target    200 spares (40+20%), by tag
Spares    [==================  ]  180 of 200 wanted; 790 sessions
Servers   [.......#############################?+-x] 1000:
          . 180 idle  # 790 busy  ? 1 unknown  + 20 launching  - 8 draining
          x 1 deleting
Month     $18,204 spent, $24,102 of $30,000 committed; 2000 of 2400 vCPUs
Rollout   replacing: 640 outdated, 512 of them busy and waited for

! maxLaunchesPerTick 0 of 20, since 03:04 (3 seconds)
  it goes on with the next tick

Now       launch 20: spares 180 < target 200, launching 0 (decided 3 seconds
          ago, in 83 ms)
          media-ab12-0 waits for its ports, tried 1x
          media-ab12-1 waits for its ports, tried 1x
          media-ab12-2 waits for its ports, tried 1x
          and 997 more wait for a call

Events    03:03:25 media-ab12-14 is ready
          03:02:30 media-ab12-14 was created in ap-northeast-2c
          03:02:25 launch 1: spares 9 < target 10, launching 0
          Sun 01:04 paused launch: deploy (olga)
`);
  });
});
