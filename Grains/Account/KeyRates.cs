using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>A key's limits of requests. Each charge and each hold is one request; what becomes of a hold changes nothing.</summary>
internal static class KeyRates
{
    public const string PerMinute = "key_rate_minute";
    public const string PerDay = "key_rate_day";

    /// <summary>Whether any limit stands for this key.</summary>
    public static Rates? Of(KeyState? key) => key?.Counter.Extras?.Rates;

    /// <summary>Both limits; false with the first that refuses.</summary>
    public static bool IsWithin(KeyState? key, in Windows windows, long now, out Decision denial)
    {
        denial = default;
        if (Of(key) is not { } rates)
        {
            return true;
        }

        KeyExtras extras = key!.Counter.Extras!;
        if (rates.PerMinute is { } perMinute && extras.Minute!.Used(now) is var inMinute && inMinute >= perMinute)
        {
            denial = Decision.Deny(Outcome.KeyMinuteRateExceeded, new Limit(PerMinute, perMinute, inMinute, 1, extras.Minute.FreeAt(now, perMinute)));
            return false;
        }

        if (rates.PerDay is { } perDay && DayUse(extras, in windows) is var inDay && inDay >= perDay)
        {
            denial = Decision.Deny(Outcome.KeyDailyRateExceeded, new Limit(PerDay, perDay, inDay, 1, windows.Day.End));
            return false;
        }

        return true;
    }

    /// <summary>The limits as they stand after some more requests.</summary>
    public static void AddChecks(ref SmallList<Limit> checks, KeyState? key, in Windows windows, long now, int requests)
    {
        if (Of(key) is not { } rates)
        {
            return;
        }

        KeyExtras extras = key!.Counter.Extras!;
        if (rates.PerMinute is { } perMinute)
        {
            checks.Add(new Limit(PerMinute, perMinute, extras.Minute!.Used(now) + requests, requests));
        }

        if (rates.PerDay is { } perDay)
        {
            checks.Add(new Limit(PerDay, perDay, DayUse(extras, in windows) + requests, requests, windows.Day.End));
        }
    }

    /// <summary>Counts a request of a key, and that it was used.</summary>
    public static void Count(AccountState s, string? keyId, long at)
    {
        const long minute = 60_000_000_000;
        if (KeyPolicies.Find(s, keyId) is not { } key)
        {
            return;
        }

        key.LastUsed = at - (at % minute);
        key.Requests++;
        if (Of(key) is { } rates)
        {
            KeyExtras extras = key.Counter.Extras!;
            extras.Minute?.Count(at);
            extras.Day += rates.PerDay is null ? 0 : 1;
        }
    }

    /// <summary>Sets a key's limits. A limit that was there before keeps what is counted.</summary>
    public static void Set(KeyExtras extras, Rates? rates)
    {
        extras.Rates = rates;
        extras.Minute = rates?.PerMinute is null ? null : extras.Minute ?? new SlidingMinute();
        extras.Day = rates?.PerDay is null ? 0 : extras.Day;
    }

    /// <summary>What is wrong with limits, or null.</summary>
    public static Decision? Problem(Rates? rates) =>
        Problem("rates.perMinute", rates?.PerMinute) ?? Problem("rates.perDay", rates?.PerDay);

    private static Decision? Problem(string field, long? max) => max is < 1 or > Ceilings.Rate
        ? Decision.Invalid(field, $"It is {max}; give 1 to {Ceilings.Rate} requests, or none for no limit.")
        : null;

    private static long DayUse(KeyExtras extras, in Windows windows) => windows.IsNewDay ? 0 : extras.Day;
}
