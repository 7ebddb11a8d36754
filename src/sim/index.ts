// What campaigns use of the simulator.
export { hitPoints, smallCases, withFaults } from './points.ts';
export { scenarioOf } from './scenario.ts';
export { simulate } from './simulate.ts';
