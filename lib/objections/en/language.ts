import type { LanguageRules } from "../rule-set.ts";
import { authority } from "./authority.ts";
import { competitor } from "./competitor.ts";
import { guards } from "./guards.ts";
import { need } from "./need.ts";
import { other } from "./other.ts";
import { price } from "./price.ts";
import { timing } from "./timing.ts";
import { trust } from "./trust.ts";
import { spelling, words } from "./words.ts";

export const english: LanguageRules = {
  spelling,
  words,
  objections: [price, timing, authority, competitor, trust, need, other],
  guards,
  probes: [
    {
      type: "price",
      answer: "no",
      question: [
        "(have|got|is there|set aside) ..3 budget ..3",
        "(price|pricing|cost|number|fee|rate|budget) ..3 (work|okay|ok|reasonable|fair|fit|sound|make sense|good|fine)",
        "(afford|comfortable with the price|reasonable|in budget|within budget)",
      ],
    },
    {
      type: "authority",
      answer: "no",
      question: [
        "(are|would) you ..2 (the|one|person|decision|who|be) ..6 (decide*|decision*|decision maker|maker|signs|sign|call|person|charge)",
        "(do|can|could) you ..2 (make|sign|approve|decide|authorize|authorise) ..4",
      ],
    },
    {
      type: "timing",
      answer: "no",
      question: [
        "(good|okay|ok|convenient|right|bad) ..1 time",
        "(have|got) ..2 (time|minute|minutes|moment|second)",
        "(can|could) you talk",
        "ready to (start|move|sign|go|buy|decide|commit)",
        "(start|begin|move forward|get going) ..2 (this|now|today|soon|next)",
      ],
    },
    { type: "trust", answer: "no", question: ["(do|would) you ..1 (trust|believe) ..3"] },
    {
      type: "price",
      answer: "yes",
      question: [
        "(is|was|would|does|do|about|because|be) ..5 (price|cost|budget|money|pricing) ..4",
        "(too|seem|sound|look|feel|little|bit|be|find|it) ..3 (@dear|much money|high|pricey)",
        "(outside|over|beyond|out of) ..2 budget",
      ],
    },
    {
      type: "authority",
      answer: "yes",
      question: [
        "(need|have|want|like) ..1 to ..1 (check|talk|run|speak|consult|discuss|ask|clear|involve) ..4",
        "(anyone|anybody|someone|somebody) else ..6 (decision|involved|approve|sign|decide|loop|weigh)",
      ],
    },
    {
      type: "timing",
      answer: "yes",
      question: [
        "(prefer|rather|better|want|should|shall) ..4 (wait|later|next|hold off|revisit|another time|think|call back)",
        "(bad|wrong) time",
        "need ..2 (more time|time to think|to think)",
        "(is|about|because) ..2 (timing|the timing)",
      ],
    },
    {
      type: "competitor",
      answer: "yes",
      question: [
        "(prefer|happy|locked|tied|contract|committed|satisfied) ..4 (vendor|provider|supplier|with|to|them|someone)",
        "(going|gone|go|decided) with ..1 (another|someone else|a competitor|somebody else)",
      ],
    },
    {
      type: "trust",
      answer: "yes",
      question: ["(worried|concerned|skeptical|nervous|doubts|bad experience|burned) ..6"],
    },
    {
      type: "need",
      answer: "no",
      question: [
        "(interest|interested|interesting) ..5",
        "(use|need|useful|helpful|help|benefit|valuable|want) ..5",
        "(make sense|fit|be a fit|good fit) ..3",
      ],
    },
  ],
  answers: {
    yes: [
      "^ (yes|sure|exactly|correct|right|precisely|bingo|kind of|sort of|a bit|a little|little bit|bit|pretty much|definitely|absolutely|it is|it does|that is it|that is right|you got it|i would|we would|i do|i am afraid so|afraid so|to be honest yes|honestly yes|somewhat|spot on|more or less|basically|very much|it would|i guess so|mostly)",
    ],
    no: [
      "^ (no|not|not really|never|none|hardly|not at all|i do not|we do not|i am not|i would not|we would not|it is not|it does not|afraid not|i am afraid not|honestly no|not particularly|probably not)",
    ],
  },
  asideQuestions: [
    "what ..1 (do|are|did) ..3 (customers|clients|prospects|buyers|leads|people) ..2 (say|tell|telling|saying|complain*|object*)",
    "(objection|objections|excuse|excuses|pushback|complaints) ..4 (hear|get|common|customers|face|most)",
    "(why|what happened|how come) ..4 (leave|left|switch*|drop*|cancel*|with your last|with the last|with your previous|previous|old)",
    "what ..4 (like|dislike|frustrat*|wrong|problem*|issue*|change|improve|missing|hate|bother*) ..4 (current*|now|existing|today|provider|vendor|system|setup)",
  ],
  interrogatives: [
    "how (much|many|do|does|did|is|are|long|would|will|can|could|about|soon|often|come|should|different|big|hard|easy)",
    "what (is|are|do|does|would|will|kind|about|happens|did|else|if|can|could|should|sort|type|time|exactly|price|was|am|proof|guarantee|for|makes|would)",
    "(when|where) (is|are|can|could|do|does|will|would|should|did)",
    "who (is|else|uses|do|does|would|will|are|can|handles|pays)",
    "which (one|plan|of|is|are|do|would|option)",
    "why (is|are|do|does|would|should|did|not|can|on|me|change|switch|fix)",
    "(is|are|was|were|do|does|did|can|could|would|will|should|have|has|am|may|shall) (i|you|we|they|it|he|she|this|that|there|the|your|my|our|those|these|anyone|everyone|people)",
    "(any) (discount*|chance|way|deal*)",
  ],
  accentedInterrogatives: new Set(),
  tags: [
    "(no|right|yes|okay|ok|huh|eh|you know|you see|is not it|is it|are not they|does not it|do not you think|you know what i mean|know what i mean|isnt it|innit|correct|do you|would not you|would not it|are we|are not you|right then|see|am i right|are you|do they|was it|was not it)",
  ],
  contrast: [
    "(but|though|although|however|yet|except|whereas|only thing is|only problem is|the thing is|it is just that|it is just|just that)",
  ],
  because: [
    "(because|since|as we|as i|due to|the thing is|the problem is|the issue is|problem is|thing is|the reason is|it is that|it is just|just that|mainly|mostly|main thing|main issue|biggest|seeing as|given that|the trouble is|it is more that|my concern is|reason being|seeing that|considering)",
  ],
  therefore: ["(so we|so i|so it is a no|so no|so not|so that is|that is why|which means|therefore|hence)"],
  connectives: new Set([
    "and",
    "or",
    "but",
    "so",
    "because",
    "that",
    "if",
    "yes",
    "ok",
    "okay",
    "right",
    "though",
    "then",
    "hey",
    "hi",
    "hello",
    "thanks",
    "sorry",
    "since",
    "cause",
    "sure",
  ]),
};
