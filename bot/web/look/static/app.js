// What pages do a little better with a script; every one of them works without.

// The first visit: tell the server the browser's time zone, once, so that moments are right.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const known = document.cookie.split("; ").some((each) => each.startsWith("followup_zone="));
if (zone && !known && document.documentElement.dataset.zone !== zone) {
  document.cookie = `followup_zone=${zone}; path=/; max-age=31536000; samesite=lax`;
  const kept = document.cookie.includes("followup_zone=");
  if (kept && document.querySelector("time")) location.reload();
}
