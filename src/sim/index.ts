// What campaigns use of the simulator.
export { scenarioOf } from './scenario.ts';
export { simulate } from './simulate.ts';
