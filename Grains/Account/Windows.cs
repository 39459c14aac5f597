using OrleansBilling.Account;
using OrleansBilling.Grains.Time;

namespace OrleansBilling.Grains.Account;

/// <summary>The day and month that a decision counts in: the state's where they still run, else new ones, in which nothing is used yet.</summary>
internal readonly struct Windows
{
    private Windows(Period day, bool newDay, Period month, bool newMonth)
    {
        this.Day = day;
        this.IsNewDay = newDay;
        this.Month = month;
        this.IsNewMonth = newMonth;
    }

    public Period Day { get; }

    public bool IsNewDay { get; }

    public Period Month { get; }

    public bool IsNewMonth { get; }

    /// <summary>The day as an event says it: only where it is new.</summary>
    public Window? DayToRecord => this.IsNewDay ? new Window(this.Day.Start, this.Day.End) : null;

    /// <summary>The month as an event says it: only where it is new.</summary>
    public Window? MonthToRecord => this.IsNewMonth ? new Window(this.Month.Start, this.Month.End) : null;

    // Zone rules are looked at only when the instant has left the window.
    public static Windows At(AccountState s, long now)
    {
        bool sameDay = s.Day.Contains(now);
        bool sameMonth = s.Month.Contains(now);
        return new Windows(
            sameDay ? s.Day : AfterLast(s.Day, Calendar.Day(s.Zone, now)),
            !sameDay,
            sameMonth ? s.Month : AfterLast(s.Month, Calendar.Month(s.Zone, s.AnchorDay, now)),
            !sameMonth);
    }

    // In another zone than the last one's a window may have begun before that ended: what was counted there is not counted here too.
    private static Period AfterLast(Period last, Period next) => next.Start < last.End ? new Period(last.End, next.End) : next;

    /// <summary>Moves the counters on to the windows that an event brought.</summary>
    public static void Enter(AccountState s, Window? day, Window? month)
    {
        if (day is not null)
        {
            s.Day = new Period(day.StartNanos, day.EndNanos);
            s.Budget.Day = 0;
            foreach (KeyState key in s.Keys.AsSpan())
            {
                key.Budget.Day = 0;
                key.Extras?.Day = 0;
            }

            foreach (WorkspaceState workspace in s.Workspaces.AsSpan())
            {
                workspace.Budget.Day = 0;
            }
        }

        if (month is not null)
        {
            s.Month = new Period(month.StartNanos, month.EndNanos);
            s.Budget.Month = 0;
            foreach (KeyState key in s.Keys.AsSpan())
            {
                key.Budget.Month = 0;
            }

            foreach (WorkspaceState workspace in s.Workspaces.AsSpan())
            {
                workspace.Budget.Month = 0;
            }

            Quotas.EnterMonth(s);
        }
    }

    public long DayUse(in Budget budget) => this.IsNewDay ? 0 : budget.Day;

    public long MonthUse(in Budget budget) => this.IsNewMonth ? 0 : budget.Month;
}
