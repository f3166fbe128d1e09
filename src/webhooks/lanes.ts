import type { Clock } from '../clock.ts';

/**
 * How many messages one endpoint may have under way. Each begins with two, gets one more with every
 * delivery up to `endpointInFlightMax`, and falls to one with a failure; all that fail share half
 * of the room. So receivers that hang hold few places, and those that answer never wait behind
 * them.
 *
 * Of this process only: losing it costs speed.
 */
export interface Lanes {
  /** Now, or soon when its turn comes; false: not soon, so somebody must look again later. */
  readonly take: (endpoint: string, job: LaneJob) => boolean;
  readonly leave: (endpoint: string, end: LaneEnd) => void;
  /** Milliseconds until the endpoint will have room for one more that could not be taken. */
  readonly waitMs: (endpoint: string, restMs: number) => number;
  /** Started, and waiting for their turn. */
  readonly load: () => number;
}

export interface LaneJob {
  /** Its turn has come; `leave` must be called for it. */
  readonly start: () => void;
  /** It has waited for too long to be started. */
  readonly isLate: () => boolean;
  /** Its turn will not come soon after all. */
  readonly postpone: () => void;
}

export interface LaneEnd {
  readonly isDelivered: boolean;
  readonly tookMs: number;
}

export interface LaneOptions {
  readonly inFlightMax: number;
  readonly endpointInFlightMax: number;
  readonly monotonic: Clock['monotonic'];
  /** 0 to 1. */
  readonly random: () => number;
}

interface Lane {
  readonly waiting: LaneJob[];
  inFlight: number;
  room: number;
  isFailing: boolean;
  /** How long one takes, smoothed. */
  typicalMs: number;
  /** Until when its waiting messages have been given their turns. */
  promisedUntil: number;
}

const roomAtFirst = 2;
const typicalMsAtFirst = 200;
/** Whoever would wait here for longer waits in the database. */
const waitHereMsMax = 2_000;
/** A receiver that comes back after hours is noticed within this, whatever has piled up. */
const waitMsMax = 300_000;
const waitMsMin = 50;
/** Endpoints remembered; those that are at rest are forgotten first. */
const lanesMax = 20_000;

export function openLanes(options: LaneOptions): Lanes {
  const { inFlightMax, endpointInFlightMax, monotonic, random } = options;
  const lanes = new Map<string, Lane>();
  let inFlight = 0;
  let failingInFlight = 0;
  let waiting = 0;
  const failingMax = Math.max(1, Math.floor(inFlightMax / 2));

  function laneOf(endpoint: string): Lane {
    const known = lanes.get(endpoint);
    if (known !== undefined) return known;
    if (lanes.size >= lanesMax) forgetOne(lanes);
    const lane: Lane = {
      waiting: [],
      inFlight: 0,
      room: Math.min(roomAtFirst, endpointInFlightMax),
      isFailing: false,
      typicalMs: typicalMsAtFirst,
      promisedUntil: 0,
    };
    lanes.set(endpoint, lane);
    return lane;
  }

  function count(lane: Lane, by: 1 | -1): void {
    lane.inFlight += by;
    inFlight += by;
    if (lane.isFailing) failingInFlight += by;
  }

  function turn(lane: Lane, isFailing: boolean): void {
    if (lane.isFailing === isFailing) return;
    lane.isFailing = isFailing;
    failingInFlight += isFailing ? lane.inFlight : -lane.inFlight;
  }

  function start(lane: Lane, job: LaneJob): void {
    count(lane, 1);
    job.start();
  }

  /** Whoever waits for a receiver that fails would wait for a time-out each. */
  function callNext(lane: Lane): void {
    if (lane.isFailing) {
      waiting -= lane.waiting.length;
      for (const job of lane.waiting.splice(0)) job.postpone();
    }
    const hasRoom = (): boolean => lane.inFlight < lane.room && inFlight < inFlightMax;
    while (hasRoom()) {
      const job = lane.waiting.shift();
      if (job === undefined) return;
      waiting -= 1;
      if (job.isLate()) job.postpone();
      else start(lane, job);
    }
  }

  return {
    take: (endpoint, job) => {
      const lane = laneOf(endpoint);
      if (inFlight >= inFlightMax || (lane.isFailing && failingInFlight >= failingMax))
        return false;
      if (lane.inFlight < lane.room) {
        start(lane, job);
        return true;
      }
      const soonMs = ((lane.waiting.length + 1) * lane.typicalMs) / lane.room;
      if (lane.isFailing || soonMs > waitHereMsMax) return false;
      lane.waiting.push(job);
      waiting += 1;
      return true;
    },
    leave: (endpoint, { isDelivered, tookMs }) => {
      const lane = laneOf(endpoint);
      count(lane, -1);
      turn(lane, !isDelivered);
      lane.room = isDelivered ? Math.min(lane.room + 1, endpointInFlightMax) : 1;
      lane.typicalMs += (tookMs - lane.typicalMs) / 4;
      if (isDelivered) lane.promisedUntil = Math.min(lane.promisedUntil, monotonic());
      callNext(lane);
    },
    waitMs: (endpoint, restMs) => {
      const lane = laneOf(endpoint);
      const now = monotonic();
      lane.promisedUntil = Math.max(lane.promisedUntil, now + restMs) + lane.typicalMs / lane.room;
      const waitMs = Math.min(lane.promisedUntil - now, Math.max(waitMsMax, restMs));
      return Math.round(Math.max(waitMs * (0.8 + 0.4 * random()), waitMsMin, restMs));
    },
    load: () => inFlight + waiting,
  };
}

function forgetOne(lanes: Map<string, Lane>): void {
  for (const [endpoint, lane] of lanes)
    if (lane.inFlight === 0 && lane.waiting.length === 0) {
      lanes.delete(endpoint);
      return;
    }
}
