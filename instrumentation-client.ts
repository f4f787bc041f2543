import { config } from "zod";

// Next runs this before anything else of a page. Zod would compile its checks, and even asking whether it may is a
// violation of a Content-Security-Policy that evaluates no text.
config({ jitless: true });
