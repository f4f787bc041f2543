import type { ConceptWords } from "../concepts.ts";

/** What English words are about, without accents; `*` ends the beginning of a word. A word may be in several. */
export const concepts: ConceptWords = {
  money: `
    account bank bob bomb bucks capital cash cashflow cent cents crore* dollar* dough euro* finance
    finances fortune fund funding funds grand hundred income k lakh* liquidity million mint money
    payroll pennies penny pocket* pound* purse quid rupee* salaries salary savings thousand treasury
    wage* wallet
  `,
  dear: `
    absurd arm costly crazy daylight dear double doubled excessive exorbitant expensive extortionate eye
    eyewatering gouging heavy hefty high higher highest hike hiked insane jump* leg outrageous
    overcharge* overpriced premium pricey prohibitive raise raised rich ridiculous rip ripoff rising
    robbery shock silly steep sticker surcharge* triple tripled up watering went
  `,
  cheap: `
    affordable bargain cheap* competitive cut deal deals discount* fair free low lower offer offers
    promo promotion* reasonable rebate* reduce* sale save saves saving savings steal value
  `,
  price: `
    amount bill bills budget* charge charged charges cost costed costing costs deposit* estimate fee
    fees figure figures gst installment* instalment* interest invest investment invoice* licence*
    license* monthly number numbers payment* premium* price* pricing quote quoted quotes rate rates
    spend spending spent subscription* sum tariff tax total vat
  `,
  pay: `
    afford* card credit debt* finance financed financing installments instalments lease leasing loan*
    mortgage* overdraft owe* owing paid pay paying pays rent upfront
  `,
  afford: `
    afford* allocated allocation black breakeven broke budget* cover covers cut cutbacks cuts cutting
    fit fits freeze frozen headroom justified justify lean leftover loss losses manage maxed red room
    runway scraping short skint spare spent squeeze* strapped stretch* swing tapped tight work works
  `,
  worth: `
    bang benefit* earn earns gain gains itself margin* payback pays profit* return roi value waste
    wasted wasting worth
  `,
  later: `
    after afterwards april august autumn beginning christmas december diwali down easter end eventually
    fall february financial fiscal friday future harvest holiday holidays january july june later line
    march may monday month months next november october quarter* road season september someday spring
    start summer thursday tomorrow tuesday wednesday week weekend weeks winter year years
  `,
  wait: `
    back backburner before burner defer* delay* dust early first hang hold holding hurried hurry off
    park parked patience pause paused pending postpone* postponing push pushed put ready revisit rush
    rushing settle settles shelf shelve shelved soon stall table tabled tight till until wait waiting
    yet
  `,
  busy: `
    airport baby bad boarding busy catch caught class cooking customer customers dentist dinner doctor
    driving flat full funeral hands hospital juggling kids late leaving lunch meeting meetings middle
    minute minutes moment out patient patients plane plate queue road run running rushing school second
    seconds shift shower sick slammed snowed swamped tied time train under up wedding work working
  `,
  callback: `
    again another back bother buzz call callback calling calls chase circle dial email follow get give
    mail message other phone reach ring ringing shout text touch try up write
  `,
  think: `
    around assess assessing chew compare comparing consider* decide deciding digest evaluate evaluating
    evaluation look looking mull mulling over ponder read reading research review reviewing shop
    shopping sleep study sure think thinking thought through unsure weigh weighing
  `,
  boss: `
    accountant accounting adviser advisor agent architect attorney board bookkeeper boss bosses ceo cfo
    chair chairman chairwoman chief committee compliance controller coo corporate council cto dean
    department dept director directors engineer exec execs executive executives finance franchisor
    governors group head headquarters higher hq investors it landlord lawyer lead leadership legal
    management manager managers owner owners parent partner partners powers president principal
    procurement provost purchasing shareholders solicitor stakeholders superintendent supervisor team
    trust trustees union ups upstairs vp
  `,
  family: `
    aunt boyfriend brother dad daughter family father fiance girlfriend half hubby husband inlaws kids
    missus mom mother mum other parents partner sister son spouse uncle wife
  `,
  consult: `
    ask asking bring by check checking clear consult* convince convincing discuss* explain loop meet
    meets past persuade pitch* present raise run running sell share show sign speak speaking take talk
    talking tell vote votes voting
  `,
  approve: `
    allowed approval approve* authorise* authority authorize* bid bids budget call decide* decision
    decisions final green holder light mine ok okay permission policies policy power purse rfp rules say
    sign signature signed signoff signs strings tender word yours
  `,
  vendor: `
    agencies agency another app bank bloke brand brands broker* carrier chap companies company
    competition competitor* consultancy consultant* contractor* crew crowd current dealer* else
    elsewhere existing fella firm firms folks guy guys incumbent insurer lad lady operator other others
    outfit partner people platform provider* rival* service services shop software solution somebody
    someone store supplier* system tool tools vendor*
  `,
  have: `
    after already been bought buy buying buys deal deals do does doing get gets getting go going got had
    handle handles has have look looking looks signed stay staying stick sticking stuck supplied
    supplies supply supplying use used uses using went with work working works years
  `,
  tied: `
    agreement bound cancel* commit commitment committed contract contracted contracts exclusive
    exclusivity expire expires lease lock locked loyal loyalty notice penalties penalty period renew*
    term termination terms tied
  `,
  switch: `
    change changed changing leave leaving migrate* migration move moving replace* replacing rip scratch
    start swap* switch* transfer* transition*
  `,
  content: `
    comfortable complain complaint complaints content fine good great happy issue issues looked love
    loves loyal never pleased problem problems reliable satisfied set solid sorted suits treat treated
    trouble well working works
  `,
  scam: `
    believe believing bs bull burn burned burnt buy catch cheat* claim claims con conned cowboy* dodgy
    fake fishy fraud fraudulent gimmick* good hogwash hype legit legitimate liar lie lied lies lying
    nonsense oil print promise* ripped rubbish scam* sceptical shady skeptical sketchy small snake steal
    stole suspicious too trick* true trust trusted trusting
  `,
  proof: `
    accredited case cases certification certified data evidence experience experienced guarantee* hear
    heard know known new numbers proof prove proven proves rating ratings record reference* reputation
    results review reviews stars startup studies study testimonial* track warranty
  `,
  bad: `
    angry annoyed answer answered answers awful bad bitten breaking breaks broke broken burned burnt
    complaint* crap crash* delay* disappointed disaster down dreadful fail* fed fobbed garbage ghost
    ghosted hassle horrible hung ignored junk late leak leaked leaking let lose losing lost mess missed
    never nightmare nobody once outage* poor promised refund* regret regretted response rubbish shambles
    showed shy slow stopped sue sued support terrible turned twice useless waited waiting worse worst
  `,
  need: `
    benefit bother care desire fancy interest* keen looking market need* point purpose require* sense
    use useful useless want*
  `,
  enough: `
    already always as covered diary enough excel fine forever full hand inhouse internally is just
    manually myself notebook ok ourselves own paper pen plenty set sorted spreadsheet* stocked
    whiteboard
  `,
  small: `
    age band close closing couple down family few handful little man old one parttime retire retired
    retirement retiring sell selling shop small sold sole tiny trader two wind winding
  `,
  nointerest: `
    alone bother bothering bye calling goodbye hang hanging interest interested leave list nah no nope
    not pass remove stop thank thanks unsubscribe
  `,
  feature: `
    accept accepts android api cable color colour come comes compatible connect* coverage dimension*
    door drill export feature* fit fits format function functionality garage handles import include
    includes install* integrate* integration* internet iphone language mac measure* mobile model module
    offline permit permits phone planning power regulation* roof room signal size space spanish support
    supported supports sync* weight wifi windows
  `,
  effort: `
    admin adopt adoption bandwidth complex complicated configure curve data difficult disrupt disruption
    disruptive effort faff habit habits hard hassle headache implement* learn learning migrate migration
    older onboarding pain paperwork people red resist resistance retrain roll rollout set setup staff
    tape teach teaching team train training upheaval used
  `,
  terms: `
    auto cancel* clause clauses commitment conditions contract days delivery deposit exclusive
    exclusivity guarantee indemnity lead liability lock lockin minimum net notice payment penalties
    penalty period refund renew* sign signing term terms time upfront warranty
  `,
  sendinfo: `
    brochure* card catalog catalogue deck details drop email flyer forward info information leaflet
    leave link literature mail material* pdf send sending something stuff text website
  `,
  like: `
    amazing awesome beautiful best better brilliant chuffed class clear convinced cool delighted easy
    excellent excited fantastic glad good grand great happy helpful impressed impressive keen like liked
    likes love loved lovely nice perfect pleased quick recommend* simple super useful worth wow
  `,
  agree: `
    absolutely agreed ahead certainly cool correct course deal definitely done exactly fine go ok okay
    right sold sounds sure works yeah yep yes yup
  `,
  buy: `
    add adding begin book booked booking buy buying close contract go invoice onboard order ordered
    ordering paperwork proceed purchase ready renew renewing reserve sign signed signing start started
    starting take taking upgrade upgrading
  `,
  settled: `
    afraid already answered assumed at before changed checked cleared concerned explained figured first
    fixed initially mind now originally out realised realized reckoned resolved saw seen since solved
    sorted thought turned understand understood used worried wrong
  `,
  report: `
    according asked believes claimed claims complain complained heard mentioned reckon reckons said say
    saying says tell tells thinks thought told
  `,
  others: `
    client* colleague* competitor* cousin customer* everyone folks friend* guests he her him his many
    mate most neighbor* neighbour* others patient* people reps salesperson she some somebody someone
    students tenants their them they users
  `,
  past: `
    ago back before did didn earlier former had hadn last old once previous previously then used was
    wasn were weren
  `,
  hypo: `
    assuming case could hypothetically if imagine in may maybe might perhaps say should suppose unless
    were whether would
  `,
  ask: `
    any are can could did do does how is what when where which who why will would
  `,
  neg: `
    aint arent barely cannot cant couldnt didnt doesnt don dont hardly hasnt haven havent isnt neither
    never no nobody none nor not nothing nt shouldnt wasnt without wont wouldnt
  `,
  but: `
    although but except however only problem thing though
  `,
  because: `
    as because cause cos due reason since
  `,
  first: `
    i id ill im ive me mine my myself our ours ourselves us we were weve
  `,
  second: `
    yall you your youre yours youve
  `,
};
