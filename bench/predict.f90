! SPDX-License-Identifier: BSD-3-Clause
!
! usage: predict FOLDER FEATURES: the model and rows that bench_predict left in FOLDER, from Fortran: nanoseconds of
! processor time a row, median of five, and the largest difference from C's predictions (0: the same bits).
program predict
    use, intrinsic :: iso_fortran_env, only: int64, real32, real64
    use ansatz
    implicit none
    integer, parameter :: runs = 5, repeats = 200
    type(az_model) :: model
    type(az_scratch) :: scratch
    character(len=500) :: folder, number
    character(len=8), allocatable :: names(:)
    real(real64), allocatable :: rows(:, :), block(:, :), outputs(:, :), expected(:)
    real(real32), allocatable :: rows_f32(:, :), outputs_f32(:, :)
    real(real64) :: times(runs, 3)
    integer :: n_features, n_rows, unit, i, run, repeat
    integer(int64) :: n_bytes
    real(real64) :: start, finish

    call get_command_argument(1, folder)
    call get_command_argument(2, number)
    read (number, *) n_features
    inquire (file=trim(folder)//'/rows.f64', size=n_bytes)
    n_rows = int(n_bytes / 8) / n_features
    allocate (rows(n_features, n_rows), block(n_rows, n_features), outputs(1, n_rows), expected(n_rows))
    allocate (rows_f32(n_features, n_rows), outputs_f32(1, n_rows), names(n_features))
    open (newunit=unit, file=trim(folder)//'/rows.f64', access='stream', form='unformatted', status='old')
    read (unit) rows
    close (unit)
    open (newunit=unit, file=trim(folder)//'/prediction.f64', access='stream', form='unformatted', status='old')
    read (unit) expected
    close (unit)
    block = transpose(rows)
    rows_f32 = real(rows, real32)
    do i = 1, n_features
        write (names(i), '(a, i0)') 'x', i - 1
    end do
    call model%read(trim(folder)//'/model.az')
    call model%bind(names)
    call scratch%prepare(model, n_rows)
    do run = 1, runs
        call cpu_time(start)
        do repeat = 1, repeats
            do i = 1, n_rows
                call model%predict(rows(:, i), outputs(:, i), scratch)
            end do
        end do
        call cpu_time(finish)
        times(run, 1) = finish - start
        call cpu_time(start)
        do repeat = 1, repeats
            do i = 1, n_rows
                call model%predict(rows_f32(:, i), outputs_f32(:, i), scratch)
            end do
        end do
        call cpu_time(finish)
        times(run, 2) = finish - start
    end do
    print '(a, es9.2)', 'fortran_difference ', maxval(abs(outputs(1, :) - expected))
    do run = 1, runs
        call cpu_time(start)
        do repeat = 1, repeats
            call model%predict(block, outputs(1, :), scratch)
        end do
        call cpu_time(finish)
        times(run, 3) = finish - start
    end do
    times = times * (1e9_real64 / n_rows / repeats)
    print '(a, f9.3)', 'fortran_row_f64 ', median(times(:, 1)), 'fortran_row_f32 ', median(times(:, 2)), &
        'fortran_block_f64 ', median(times(:, 3))

contains

    pure real(real64) function median(values)
        real(real64), intent(in) :: values(:)
        integer :: k
        median = values(1)
        do k = 1, size(values)
            if (count(values < values(k)) <= size(values) / 2 .and. &
                count(values <= values(k)) > size(values) / 2) median = values(k)
        end do
    end function median
end program predict
