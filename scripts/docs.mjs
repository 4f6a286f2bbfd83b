import { built, runLocal } from "./ready.mjs";

built();
runLocal("typedoc/bin/typedoc", []);
