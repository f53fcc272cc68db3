/** `@classhub/ui`: words, icons, styles and controls that all pages share. */
export {
  Choice,
  type Control,
  controlFor,
  optionText,
  Range,
  resolve,
  SetEvent,
  Switch,
  unitText,
  Writer,
  withUnit,
} from "./controls.js";
export { deviceName, deviceStatus, type Status, type Tone } from "./device-status.js";
export { Dialog } from "./dialog.js";
export { define, HubElement } from "./element.js";
export { helpLink, provideHelp } from "./help.js";
export {
  clock,
  day,
  fill,
  i18n,
  LANGUAGE_NAMES,
  lasting,
  number,
  pluralForm,
  t,
  tn,
} from "./i18n.js";
export { brandMark, drawing, type IconName, icon } from "./icons.js";
export { givenName, personName } from "./names.js";
export { navigate } from "./navigate.js";
export { Notice, say, sayProblem } from "./notice.js";
export { cannotShow, type OnPanel, PanelButton, PanelNow, PanelState, type Side } from "./panel.js";
export { Running } from "./running.js";
export { changedSettings, isSecret, settingText } from "./settings.js";
export { base } from "./styles.js";
