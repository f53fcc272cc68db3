/** Drawings that only these pages need. */

import down from "icon:arrow-down";
import back from "icon:arrow-down-left";
import left from "icon:arrow-left";
import right from "icon:arrow-right";
import up from "icon:arrow-up";
import forward from "icon:arrow-up-right";
import box from "icon:box";
import clock from "icon:clock";
import copy from "icon:copy";
import spool from "icon:cylinder";
import heat from "icon:flame";
import key from "icon:key-round";
import layers from "icon:layers";
import shrink from "icon:minimize-2";
import halt from "icon:octagon-x";
import reprint from "icon:refresh-cw";
import cube from "icon:rotate-3d";
import cooler from "icon:snowflake";
import upload from "icon:upload";
import weight from "icon:weight";
import wrench from "icon:wrench";
import { drawing } from "@classhub/ui";

export const DRAW = {
  box: () => drawing(box),
  copy: () => drawing(copy),
  cool: () => drawing(cooler),
  down: () => drawing(down),
  forward: () => drawing(forward),
  back: () => drawing(back),
  left: () => drawing(left),
  right: () => drawing(right),
  up: () => drawing(up),
  clock: () => drawing(clock),
  turn: () => drawing(cube),
  halt: () => drawing(halt),
  heat: () => drawing(heat),
  key: () => drawing(key),
  layers: () => drawing(layers),
  shrink: () => drawing(shrink),
  spool: () => drawing(spool),
  upload: () => drawing(upload),
  weight: () => drawing(weight),
  wrench: () => drawing(wrench),
  reprint: () => drawing(reprint),
};
