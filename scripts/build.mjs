import { built } from "./ready.mjs";

built();
