using System.Text.Json;

namespace OrleansBilling.Processes.Tests.Audit;

/// <summary>Holds one operation's answers against its row and against what was true while it was asked.</summary>
internal sealed class OperationCheck(AccountStory story, Timeline timeline, Operation operation, Dictionary<string, Row> byId)
{
    /// <summary>What is wrong with it.</summary>
    public IEnumerable<string> Run()
    {
        IReadOnlyList<Attempt> attempts = operation.Attempts;
        foreach (Attempt wrong in attempts.Where(a => a.Verdict == Verdict.Wrong))
        {
            yield return $"status {wrong.Status} is no answer to this";
        }

        IEnumerable<string?> findings = operation.Act switch
        {
            Act.Read => attempts.Where(a => a.Verdict == Verdict.Done).Select(this.Read),
            Act.Mismatch => attempts.Where(a => a.Verdict is Verdict.Done or Verdict.Denied)
                .Select(a => a.Code == "idempotency_mismatch" ? null : "an id was taken again for another body (invariant 4)"),
            _ => this.Change(attempts),
        };
        foreach (string? finding in findings)
        {
            if (finding is not null)
            {
                yield return finding;
            }
        }
    }

    private string? Read(Attempt answer)
    {
        long seq = answer.Number("entry");
        if (seq > story.Last)
        {
            return $"a read shows row {seq}, and the journal ends with {story.Last} (invariant 3)";
        }

        if (this.NotNow(answer, seq, operation.FirstSent) is { } late)
        {
            return late;
        }

        Standing shown = new(answer.Nanos("balance"), answer.Nanos("held"), answer.Nanos("totalSpent"));
        return shown == story.After(seq) ? null : $"a read shows {shown} after row {seq}; the rows add up to {story.After(seq)} (invariant 3)";
    }

    private IEnumerable<string?> Change(IReadOnlyList<Attempt> attempts)
    {
        Row? row = byId.GetValueOrDefault(operation.RequestId!);
        Attempt? first = operation.Done;
        if (first is not null && row is null)
        {
            yield return "it was acknowledged and is not in the journal (invariant 3)";
            yield break;
        }

        if (first is null && row is not null && operation.Unanswered == 0 && attempts is [.., { Verdict: Verdict.Denied }])
        {
            yield return $"it was denied and is row {row.Seq} (invariant 3)";
        }

        if (first is not null)
        {
            yield return Replies.Differs(operation, first, row!);
            yield return this.NotNow(first, row!.Seq, operation.FirstSent);
            string reply = Replies.WithoutReplayed(first);
            foreach (Attempt again in attempts.Where(a => a.Verdict == Verdict.Done && !ReferenceEquals(a, first)))
            {
                yield return Replies.WithoutReplayed(again) == reply ? null : "a repeat got another reply (invariant 4)";
            }
        }

        foreach (Attempt denied in attempts.Where(a => a.Verdict == Verdict.Denied))
        {
            bool wasDone = row is not null && timeline.KnownBefore(denied.Sent) >= row.Seq;
            yield return wasDone ? "a repeat of what was done was denied (invariant 4)" : this.Denied(denied);
        }
    }

    // Not older than what had been answered before it was asked, not newer than what could have been asked until it was answered.
    private string? NotNow(Attempt answer, long seq, long sent)
    {
        long known = timeline.KnownBefore(sent);
        if (operation.Act == Act.Read ? seq < known : seq <= known)
        {
            return $"row {known} had been shown before this was asked, and it was decided as row {seq} (invariant 3)";
        }

        long possible = timeline.PossibleAt(answer.Ended);
        return seq > possible ? $"it shows row {seq}, which was only asked for afterwards: at most {possible} (invariant 3)" : null;
    }

    // A denial has to be right for some state between what was known before and what was possible when it was answered.
    private string? Denied(Attempt answer)
    {
        long from = Math.Min(timeline.KnownBefore(answer.Sent), story.Last);
        long to = Math.Max(from, timeline.PossibleAt(answer.Ended));
        for (long seq = from; seq <= to; seq++)
        {
            if (this.IsRight(answer, seq))
            {
                return null;
            }
        }

        return $"the denial '{answer.Code}' is right for no state from row {from} to row {to} (invariant 3)";
    }

    private bool IsRight(Attempt answer, long seq)
    {
        Standing s = story.After(seq);
        switch (answer.Code)
        {
            case "insufficient_credit":
                JsonElement limit = answer.Json.GetProperty("limit");
                long covered = operation.Act == Act.Capture ? story.RemainingOf(operation.Target, seq) : 0;
                long wanted = operation.AmountNanos - covered;
                return s.Available - wanted < -story.CreditLimit
                    && Money.FromUnits(limit.GetProperty("max")) == s.Balance + story.CreditLimit
                    && Money.FromUnits(limit.GetProperty("used")) == s.Held
                    && Money.FromUnits(limit.GetProperty("requested")) == wanted;

            case "key_revoked":
                return story.IsRevoked(operation.KeyId!, seq);

            case "hold_ended" or "hold_not_found":
                return !story.IsOpen(operation.Target, seq);

            case "reversal_exceeds_charge":
                return story.LeftOf(operation.Target, seq) < operation.AmountNanos;

            // Ceilings are not retold here; that nothing happened is checked all the same.
            default:
                return answer.Code == "too_many";
        }
    }
}
