import type { ObjectionRules } from "../rule-set.ts";

const brands =
  "hubspot|salesforce|zendesk|oracle|sap|gong|zoho|microsoft|google|slack|quickbooks|xero|shopify|amazon|aws|verizon|att|comcast|stripe|square|workday|adp|dell|zoom|asana|monday|jira|intercom|mailchimp|pipedrive|netsuite|sage";

export const competitor: ObjectionRules = {
  type: "competitor",
  certain: [
    "already ..2 (have|use|using|got|work|working|with|signed|went|go|pay|chose|deal|set up|covered by|buy|bought|contracted|partnered|under|in) ..1 (with)? ..2 (a|an|another|someone|somebody|our|one|some|other|that|people|something)? ..1 (@vendor|someone|somebody|one|else|contract|agreement|similar|" +
      brands +
      ")",
    "% (have|has|got) (a|an|another|our own|my own|our|some) ..1 (@vendor|someone|somebody) ..1 (who|that|for|doing|we|already|in place|handling|we are|taking) ..3",
    "% (work|working|worked|works|deal|dealing|partner|partnered|go|went|going|gone|signed|sign|contracted|stick|sticking|stay|staying|happy|good|satisfied|renewed|tied|locked|bound|committed|married|set|loyal|contract) ..3 (with|in with|to) ..1 (@other|our @current|my @current|our|my|the @current|the other|a competitor|your competitor|the competition|the same|them|somebody|someone|what we have from|what we have got from) ..3",
    "(happy|satisfied|pleased|content|comfortable|thrilled|loyal|good|fine|sticking|stick|staying|stay|love|like) ..1 (with|to)? ..1 (our|my|the|who|the one|them) ..1 (@current|we have|we use|we are using|vendor|provider|supplier|one we have|guys we|people we|guy|guys) ..3",
    "(been|be|am|are|stayed) with ..1 (the same|our|them|the|my|a) ..2 (@vendor|for|people|since) ..3",
    "(been|are|am) with (them|" + brands + "|the same) ..5",
    "(are|am|we|have been|i) ..1 (using|use|run on|on|running on) (" + brands + ") ..3",
    "(have|got|have got) (" + brands + ") ..3",
    "(switched|moved|migrated|signed up|went|gone|going|signed) ..2 (to|with|for) (" +
      brands +
      "|another|somebody else|someone else|a different|a competitor|the other|one of your)",
    "% (locked|tied|bound|stuck|chained|signed|roped|under contract|in a contract|in contract|under a contract|committed) ..2 (in|into|to|with|until|through|up) ..6 (contract|agreement|vendor|provider|supplier|until|company|deal|through|them|another|next|year*|carrier)",
    "(contract|agreement|deal|term) ..2 (with|through|runs|does not|until|goes|lasts|is not up|still has) ..5 (another|vendor|provider|supplier|them|someone|somebody|company|year|next|until|@month|expire|up|current|run|other)",
    "under contract",
    "(just|recently|already|only just) (signed|renewed|switched|bought|went|re signed|committed|extended|upgraded) ..3 (with|to|our|another|up|a) ..4",
    "(early termination|termination fee|cancellation fee|penalty|break clause|exit fee) ..3 (if|to|with|from|for) ..5",
    "(months|years|year) ..1 (left|remaining|to go) ..2 (on|with|in) ..5",
    "exclusive ..2 (deal|agreement|contract|arrangement|with) ..4",
    "(competitor|competitors|competition|other guys|other company|other vendor|other provider|other folks|other lot|rival|other one) ..2 (offer*|gave|give|gives|does the same|quoted|is (better|cheaper|giving|offering)|are (better|cheaper|giving|offering)|charges|provides|includes|came|can do|beat|made|won) ..5",
    "(decided|chosen|choose|chose|opted|picked|pick|going|leaning|lean|went|gone|selected|settled|go|inclined) ..2 (to go)? ..2 (with|for|on|toward|towards) ..1 (another|someone else|somebody else|a different|the other|one of your|your competitor|a competitor|the competition|some other|a local)",
    "(prefer|preferred|rather|like) ..1 (the|to stay|to stick|stick|stay|our|my|using|go|keep|to keep|what) ..2 (other|current|with|competitor|one we|existing|provider|vendor|guy|we have from|we have got from) ..4",
    "(looking at|considering|evaluating|talking to|comparing|in talks with|trialing|trialling|testing|speaking with|leaning) ..2 (other|another|a couple of other|some other|a few other|different) (@vendor|options|companies|vendors|providers|solutions|quotes|ones|bids)",
    "(our|my) ..1 (@current|agency|accountant|provider|vendor|supplier|bank|contractor|guy|it guy|consultant|firm|broker) ..2 (takes care|handles|does|covers|already|manages|looks after|is great|is fine|has that|gives|offers|includes) ..4",
    "(an outside|another|an external|a local|a third party|our|some other) ..1 (firm|company|agency|contractor|team|consultant|vendor) ..2 (does|handles|takes|covers|manages|looks) ..3",
    "(my|our) ..1 (brother in law|brother|cousin|nephew|buddy|friend|neighbor|neighbour|son|uncle|sister) ..1 (does|handles|takes care|runs|owns|works|has a company|built|set|looks after|does all) ..4",
    "(have|got|have got) a (guy|lady|fella|girl|team|firm|place|company|vendor|provider|supplier) ..4",
    "(outsource|outsourced|outsourcing) ..2 (it|that|this|to) ..3",
    "(not|never) ..2 (looking|planning|going|want*|interested in) ..2 (to)? (switch*|chang*|leav*|mov*|replac*) ..1 (@vendor|provider*|vendor*|supplier*|from|carrier*|bank*|$)",
    "(in bed|tight) with ..4",
    "(stick|stay|sticking|staying) with ..1 (who|what|the one|them|the people|the folks) ..4",
  ],
  likely: [
    "been (using|with|on|buying from|working with|going with) ..4 (ages|years|months|forever|decades|long time|since|day one)",
    "not ..2 (about|looking|planning|going) to (change|switch|leave|move|jump ship) ..1",
    "(year|years|months) ..1 (to go|left|to run|still) ..2 on ..4",
    "(other|another|competing) (demo|quote|bid|product|proposal|one|tool|offer|company|vendor) ..4 (was|is|seemed|looked|came in|gave|had) ..1 (stronger|better|cheaper|nicer|closer|lower|more|ahead|faster)",
    "(got|have|had|getting) ..1 (@num|other|several|a couple of|a few) ..1 (quotes|bids|offers|proposals) ..6 (not|better|cheaper|lower|best)",
    "% (another|a different|some other|someone else|somebody else) (company|firm|agency|vendor|provider|supplier|outfit)? ..1 (is|does|has been|already|handles|looks) ..2 (doing|handling|that|this|it|after|taking)",
    "(already) ..1 (have|got|have got) ..1 (a|an|one|our|some) ..2 (in place|set up|running|system|provider|solution|that does)",
    "(went|gone|going|signed|sticking|staying) with ..1 (someone|somebody|another|a different|them|the other) ..2",
    "(loyal|committed|faithful) to ..2 (folks|people|guys|ones|company|team|current|supplier|vendor)",
    "(nephew|cousin|brother in law|son in law|friend|buddy|neighbor|neighbour|sister) ..1 (takes|does|handles|built|runs|looks|manages|set)",
    "(tied|locked|married|wedded) ..1 (in|up|to|into) ..2 (until|through|with|for)",
    "deal with (at|verizon|them|another|our current|the other)",

    "(we|i) (use|are using|am using|have been using) ..4 ~1 (and|it) ..2 (works|it does|does|we are happy|happy|love|like|fine|great|it works|is fine|is great|covers) ..3",
    "(other|another) (quote|offer|bid|proposal) ..4 (better|lower|stronger|already)",
    "(gave|offered|got|given) ..1 (us|me) ..1 (a better|better|a cheaper) (deal|offer|quote|terms)",
    "(have|has) (that|it|this) ..1 (covered|handled|sorted|taken care) ..1 (by|with|through|an|our|a) ..3",
    "(covered|handled|sorted) ~1 (an outside|our agency|our it|by an outside|by our agency|by another|by someone|by a) ..3",
  ],
};
